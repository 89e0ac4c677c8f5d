import { Button, Checkbox, NumberInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { PriorTable, PriorTier } from '@/api/contract';
import { useWords } from '@/words';
import { freshCode, groupsIn, LIKENESSES, moved } from './tiers';

type Change = (table: PriorTable) => void;

function Likeness<Key extends 'parts' | 'kinds'>(props: {
  tier: PriorTier;
  of: Key;
  isFixed: boolean;
  onChange: (tier: PriorTier) => void;
}) {
  const { tier, of } = props;
  const p = useWords().priors.rules;
  const chosen: readonly string[] = tier[of];
  return (
    <span className="row">
      {LIKENESSES.map((one) => (
        <Checkbox
          key={one}
          size="xs"
          label={p.likeness[one]}
          aria-label={`${tier.label} ${p[of]} ${p.likeness[one]}`}
          disabled={props.isFixed}
          checked={chosen.includes(one)}
          onChange={(event) => {
            const now = LIKENESSES.filter((other) =>
              other === one ? event.currentTarget.checked : chosen.includes(other),
            );
            props.onChange({ ...tier, [of]: now });
          }}
        />
      ))}
    </span>
  );
}

/** The kinds of priors in the order of relevance; a prior belongs to the first that fits it. */
export function Tiers({
  table,
  isFixed,
  onChange,
}: {
  table: PriorTable;
  isFixed: boolean;
  onChange: Change;
}) {
  const words = useWords();
  const p = words.priors.rules;
  const set = (tiers: PriorTier[]): void => onChange({ ...table, tiers });
  const change = (at: number, tier: PriorTier): void =>
    set(table.tiers.map((one, i) => (i === at ? tier : one)));
  return (
    <section aria-label={p.tiers}>
      <table className="dense prior-tiers">
        <thead>
          <tr>
            <th>{p.order}</th>
            <th>{p.name}</th>
            <th>{p.parts}</th>
            <th>{p.kinds}</th>
            <th className="right">{p.newest}</th>
            <th className="right">{p.oldest}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {table.tiers.map((tier, at) => (
            <tr key={tier.code}>
              <td className="num">
                {at + 1}{' '}
                {!isFixed && (
                  <>
                    <Button
                      variant="subtle"
                      size="compact-xs"
                      aria-label={p.up(tier.label)}
                      disabled={at === 0}
                      onClick={() => set(moved(table.tiers, at, -1))}
                    >
                      ↑
                    </Button>
                    <Button
                      variant="subtle"
                      size="compact-xs"
                      aria-label={p.down(tier.label)}
                      disabled={at === table.tiers.length - 1}
                      onClick={() => set(moved(table.tiers, at, 1))}
                    >
                      ↓
                    </Button>
                  </>
                )}
              </td>
              <td>
                <TextInput
                  size="xs"
                  aria-label={`${p.name} ${at + 1}`}
                  maxLength={60}
                  required
                  disabled={isFixed}
                  value={tier.label}
                  onChange={(event) => change(at, { ...tier, label: event.currentTarget.value })}
                />
              </td>
              {(['parts', 'kinds'] as const).map((of) => (
                <td key={of}>
                  <Likeness tier={tier} of={of} isFixed={isFixed} onChange={(next) => change(at, next)} />
                </td>
              ))}
              {(['newest', 'oldest'] as const).map((which) => (
                <td key={which} className="right">
                  <NumberInput
                    size="xs"
                    w={64}
                    min={0}
                    max={20}
                    allowDecimal={false}
                    aria-label={`${tier.label} ${p[which]}`}
                    disabled={isFixed}
                    value={tier[which]}
                    onChange={(value) => change(at, { ...tier, [which]: Number(value) || 0 })}
                  />
                </td>
              ))}
              <td className="right">
                {!isFixed && table.tiers.length > 1 && (
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    aria-label={p.remove(tier.label)}
                    onClick={() => set(table.tiers.filter((_, i) => i !== at))}
                  >
                    ×
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {!isFixed && table.tiers.length < 20 && (
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() =>
            set([
              ...table.tiers,
              {
                code: freshCode(table.tiers),
                label: p.fresh,
                parts: ['other'],
                kinds: ['same'],
                newest: 1,
                oldest: 0,
              },
            ])
          }
        >
          {p.add}
        </Button>
      )}
    </section>
  );
}

/** How many altogether, for how long a reading waits, and which modalities show the same thing in another way. */
export function Amounts({
  table,
  isFixed,
  onChange,
}: {
  table: PriorTable;
  isFixed: boolean;
  onChange: Change;
}) {
  const p = useWords().priors.rules;
  const kept = table.related_kinds.map((group) => group.join(' ')).join('\n');
  const [text, setText] = useState(kept);
  const isMeant = JSON.stringify(groupsIn(text)) === JSON.stringify(table.related_kinds);
  return (
    <div className="rules-limits">
      <NumberInput
        label={p.most}
        min={0}
        max={20}
        disabled={isFixed}
        value={table.most}
        onChange={(value) => onChange({ ...table, most: Number(value) || 0 })}
      />
      <NumberInput
        label={p.wait}
        description={p.waitLead}
        min={0}
        max={240}
        disabled={isFixed}
        value={table.wait_minutes}
        onChange={(value) => onChange({ ...table, wait_minutes: Number(value) || 0 })}
      />
      <Textarea
        label={p.related}
        description={p.relatedLead}
        autosize
        minRows={2}
        disabled={isFixed}
        value={isMeant ? text : kept}
        onChange={(event) => {
          setText(event.currentTarget.value);
          onChange({ ...table, related_kinds: groupsIn(event.currentTarget.value) });
        }}
      />
    </div>
  );
}
