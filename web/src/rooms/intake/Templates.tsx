import { Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { RequestTemplate } from '@/api/contract';
import { requestTemplates } from '@/api/templates';
import { tell, tellProblem } from '@/ui/feedback';
import { useWords } from '@/words';
import { TemplateDialog } from './TemplateDialog';
import { fillFrom, isFor, templateFrom } from './templates';
import type { RequestWriting } from './useRequestDraft';

/** The facility's templates: one fills what is still empty; from what is written a new one is made. */
export function Templates({ draft, facilityId }: { draft: RequestWriting; facilityId: number }) {
  const t = useWords().request.templates;
  const [isEdited, setEdited] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ['request-templates', facilityId],
    queryFn: () => requestTemplates.of(facilityId),
  });
  const fitting = (data ?? []).filter(({ body }) => isFor(body, draft.content.exam.modality));
  const use = ({ name, body }: RequestTemplate): void => {
    const { part, fields } = fillFrom(draft.content, body);
    if (fields.length > 0) draft.change(part);
    tell(
      fields.length > 0 ? t.filled(name, fields.map((field) => t.fields[field]).join('・')) : t.full(name),
    );
  };
  return (
    <div className="row">
      <Menu position="bottom-start" withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button size="compact-sm" disabled={!data && !error}>
            {t.use}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
          {error && <Menu.Item onClick={() => void refetch().catch(tellProblem)}>{t.unread}</Menu.Item>}
          {data && fitting.length === 0 && <Menu.Item disabled>{t.none}</Menu.Item>}
          {fitting.map((one) => (
            <Menu.Item key={one.id} onClick={() => use(one)}>
              {one.name}{' '}
              <span className="muted">
                {[one.body.modality, one.body.description].filter(Boolean).join(' ')}
              </span>
            </Menu.Item>
          ))}
          <Menu.Item disabled={!data} onClick={() => setEdited(true)}>
            {t.edit}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <span className="muted">{t.lead}</span>
      {isEdited && data && (
        <TemplateDialog
          facilityId={facilityId}
          known={data}
          proposed={templateFrom(draft.content)}
          onClose={() => setEdited(false)}
        />
      )}
    </div>
  );
}
