import { Checkbox, NumberInput } from '@mantine/core';
import type { RuleTable, RuleTables } from '@/api/contract';
import { useWords } from '@/words';

type Change = (table: RuleTable) => void;

/** What every item weighs; what was changed stands beside what holds now. */
export function Weights(props: {
  table: RuleTable;
  now: RuleTable;
  items: RuleTables['items'];
  isFixed: boolean;
  onChange: Change;
}) {
  const { table, now, items } = props;
  const r = useWords().request.rules;
  return (
    <section aria-label={r.weights}>
      <table className="dense rules-weights">
        <thead>
          <tr>
            <th>{r.item}</th>
            <th>{r.concerns}</th>
            <th>{r.ask}</th>
            <th className="right">{r.weight}</th>
            <th className="right">{r.now}</th>
          </tr>
        </thead>
        <tbody>
          {items.map(({ field, label, modalities, is_always: isAlways, is_askable: isAskable }) => {
            const [weight, before] = [table.weights[field] ?? 0, now.weights[field] ?? 0];
            return (
              <tr key={field}>
                <td>{label}</td>
                <td className="muted">
                  {modalities.join(' ') || r.every}
                  {!isAlways && `（${r.ifContrast}）`}
                </td>
                <td>
                  {isAskable && (
                    <Checkbox
                      aria-label={`${label} ${r.ask}`}
                      size="xs"
                      disabled={props.isFixed}
                      checked={table.ask.includes(field)}
                      onChange={(event) => {
                        const others = table.ask.filter((one) => one !== field);
                        const ask = event.currentTarget.checked ? [...others, field].sort() : others;
                        props.onChange({ ...table, ask });
                      }}
                    />
                  )}
                </td>
                <td className="right">
                  <NumberInput
                    aria-label={`${label} ${r.weight}`}
                    size="xs"
                    w={76}
                    min={0}
                    max={100}
                    allowDecimal={false}
                    disabled={props.isFixed}
                    value={weight}
                    onChange={(value) =>
                      props.onChange({ ...table, weights: { ...table.weights, [field]: Number(value) || 0 } })
                    }
                  />
                </td>
                <td className={`num right ${weight === before ? 'muted' : 'changed'}`}>{before}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

const LIMITS = [
  'renal_valid_days',
  'iodine_egfr',
  'gadolinium_egfr',
  'metformin_egfr',
  'pregnancy_from',
  'pregnancy_to',
] as const;

export function Limits(props: { table: RuleTable; now: RuleTable; isFixed: boolean; onChange: Change }) {
  const { table, now } = props;
  const r = useWords().request.rules;
  return (
    <fieldset>
      <legend>{r.limits}</legend>
      <p className="muted">{r.startingPoint}</p>
      <div className="rules-limits">
        {LIMITS.map((name) => (
          <NumberInput
            key={name}
            label={r.limit[name]}
            description={table.limits[name] === now.limits[name] ? undefined : `${r.now} ${now.limits[name]}`}
            min={0}
            max={name === 'renal_valid_days' ? 3650 : 250}
            disabled={props.isFixed}
            value={table.limits[name]}
            onChange={(value) =>
              props.onChange({ ...table, limits: { ...table.limits, [name]: Number(value) || 0 } })
            }
          />
        ))}
      </div>
    </fieldset>
  );
}
