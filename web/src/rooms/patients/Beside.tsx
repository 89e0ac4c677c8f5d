import type { ComparedLine } from '@/api/contract';
import { useWords } from '@/words';

const SIGNS: Record<ComparedLine['mark'], string> = {
  agree: '＝',
  near: '≈',
  missing: '–',
  differs: '≠',
  contradicts: '✕',
};

/** Two patients beside each other, field by field, with what comparing them showed. */
export function Beside({ lines, ours, theirs }: { lines: ComparedLine[]; ours: string; theirs: string }) {
  const w = useWords().patients;
  return (
    <table className="beside">
      <thead>
        <tr>
          <th>{w.field}</th>
          <th>{ours}</th>
          <th>{theirs}</th>
          <th>{w.comparison}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.label} className={line.mark} data-mark={line.mark}>
            <th scope="row">{line.label}</th>
            <td className="num">{line.ours || '–'}</td>
            <td className="num">{line.theirs || '–'}</td>
            <td>
              <b aria-hidden="true">{SIGNS[line.mark]}</b> {line.mark === 'agree' ? w.agree : line.sentence}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
