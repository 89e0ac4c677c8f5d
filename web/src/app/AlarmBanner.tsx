import { useQuery } from '@tanstack/react-query';
import { office } from '@/api/hub';
import { useWords } from '@/words';
import { alarmText, isGrave } from './alarms';

/** What whoever looks after the installation has to see without looking for it; it goes by itself when all is well. */
export function AlarmBanner() {
  const words = useWords();
  const { data } = useQuery({ queryKey: ['alarms'], queryFn: office.alarms, refetchInterval: 30_000 });
  return (
    <>
      {data?.items.map((alarm) => (
        <div
          key={alarm.code}
          className={isGrave(alarm) ? 'alarm grave no-print' : 'alarm no-print'}
          role="alert"
          aria-label={words.alarms.title}
        >
          {alarmText(alarm, words)}
        </div>
      ))}
    </>
  );
}
