import { Button, Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { usePerson } from '@/api/cache';
import { requests } from '@/api/hub';
import { tellProblem } from '@/ui/feedback';
import { useWords } from '@/words';
import { blankBefore } from './blank';

/** The day in Japan, as the forms write it. */
const today = (): string => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(new Date());

/** Begins a request whose images are still to come; somebody of several facilities says for which. */
export function BeforeImages() {
  const b = useWords().request.before;
  const { facilities } = usePerson();
  const navigate = useNavigate();
  const begin = async (facility: number): Promise<void> => {
    try {
      const { id } = await requests.create(blankBefore(facility, today()));
      await navigate({ to: '/requests/$id', params: { id } });
    } catch (error) {
      tellProblem(error);
    }
  };
  const [only, ...others] = facilities;
  if (!only) return null;
  if (others.length === 0) return <Button onClick={() => void begin(only.id)}>{b.button}</Button>;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button>{b.button}</Button>
      </Menu.Target>
      <Menu.Dropdown mah={360} style={{ overflowY: 'auto' }}>
        {facilities.map(({ id, name }) => (
          <Menu.Item key={id} onClick={() => void begin(id)}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
