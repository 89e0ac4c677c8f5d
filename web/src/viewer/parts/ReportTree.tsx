import { useWords } from '@/words';
import type { DocumentSource } from '../model/documents';
import { type ReportItem, reportOf, reportState } from '../model/sr';

function Item({ item }: { item: ReportItem }) {
  return (
    <li>
      {item.name && <span className="report-name">{item.name}</span>}
      {item.value && <span className="report-value">{item.value}</span>}
      {item.items.length > 0 && (
        <ul>
          {item.items.map((one, i) => (
            /* biome-ignore lint/suspicious/noArrayIndexKey: the tree never changes, and its items have no names of their own */
            <Item key={i} item={one} />
          ))}
        </ul>
      )}
    </li>
  );
}

export function ReportTree({ source }: { source: DocumentSource }) {
  const d = useWords().pictures.document;
  const { isComplete, isVerified } = reportState(source.json);
  return (
    <div className="report-tree">
      <p className={isVerified && isComplete ? 'muted' : 'caution'}>
        {isComplete ? '' : `${d.incomplete} · `}
        {isVerified ? d.verified : d.unverified}
      </p>
      <ul>
        <Item item={reportOf(source.json)} />
      </ul>
    </div>
  );
}
