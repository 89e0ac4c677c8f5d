import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { FacilityOut } from '@/api/contract';
import { facilities } from '@/api/hub';
import { useWords } from '@/words';
import { AdminPage } from '../AdminPage';
import './rules.css';

/** The frame of what is decided facility by facility. */
export function RulesPage(props: {
  title: string;
  lead: string;
  children: (facility: FacilityOut, all: readonly FacilityOut[]) => ReactNode;
}) {
  const r = useWords().request.rules;
  const query = useQuery({ queryKey: ['facilities'], queryFn: facilities.list });
  const [chosen, setChosen] = useState<number | null>(null);
  return (
    <AdminPage title={props.title} lead={props.lead} query={query}>
      {(items) => {
        const facility = items.find(({ id }) => id === chosen) ?? items[0];
        if (!facility) return null;
        return (
          <div className="rules-page stack">
            <Select
              label={r.facility}
              className="rules-facility"
              searchable
              allowDeselect={false}
              data={items.map(({ id, name }) => ({ value: String(id), label: name }))}
              value={String(facility.id)}
              onChange={(id) => setChosen(id ? Number(id) : null)}
            />
            {props.children(facility, items)}
          </div>
        );
      }}
    </AdminPage>
  );
}
