import { Button, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { usePerson } from '@/api/cache';
import type { FacilityOut } from '@/api/contract';
import { facilities } from '@/api/hub';
import { Tag } from '@/ui/marks';
import { useWords } from '@/words';
import { Devices } from './Devices';
import { Hl7 } from './Hl7';
import './connections.css';

/** Which devices and systems may speak for a facility: named in its row, looked after in a dialog. */
export function Connections({ facility }: { facility: FacilityOut }) {
  const w = useWords().connections;
  const mayManage = usePerson().permissions.includes('facility:manage');
  const [isOpen, setOpen] = useState(false);
  const devices = useQuery({
    queryKey: ['ae-titles', facility.id],
    queryFn: () => facilities.aeTitles(facility.id),
  });
  const systems = useQuery({ queryKey: ['hl7', facility.id], queryFn: () => facilities.hl7(facility.id) });
  return (
    <span className="row">
      {devices.data?.map(({ id, title, is_archive: isArchive }) => (
        <Tag key={`ae-${id}`}>{isArchive ? `${title} ${w.archiveMark}` : title}</Tag>
      ))}
      {systems.data?.map(({ id, name, waiting }) => (
        <Tag key={`hl7-${id}`} tone={waiting > 0 ? 'amber' : 'grey'}>
          HL7 {name}
          {waiting > 0 && ` ${w.waiting(waiting)}`}
        </Tag>
      ))}
      <Button
        variant="subtle"
        size="compact-xs"
        aria-label={`${facility.name}: ${w.open}`}
        onClick={() => setOpen(true)}
      >
        {w.open}
      </Button>
      {isOpen && (
        <Modal opened onClose={() => setOpen(false)} title={`${facility.name} ${w.title}`} size={1080}>
          <div className="stack connections">
            <Devices facility={facility} query={devices} isFixed={!mayManage} />
            <Hl7 facility={facility} query={systems} isFixed={!mayManage} />
          </div>
        </Modal>
      )}
    </span>
  );
}
