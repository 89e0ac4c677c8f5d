/** Instances that are read, not looked at: which they are, and where what they hold lies. */
import { type DicomJson, text } from './metadata';

export type DocumentKind = 'pdf' | 'ecg' | 'sr';

export interface DocumentSource {
  sopInstanceUid: string;
  kind: DocumentKind;
  title: string;
  /** Of the instance, for what has to be asked of the hub. */
  address: string;
  json: DicomJson;
}

const PDF = '1.2.840.10008.5.1.4.1.1.104.1';
/** 12-lead, general, ambulatory, and 32-bit general ECG. */
const ECG = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.9\.1\.[1-4]$/;
const SR = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.88\.\d+$/;
/** Key Object Selection is a list of pictures in the form of a report. */
const KEY_OBJECT = '1.2.840.10008.5.1.4.1.1.88.59';

function kindOf(sopClass: string): DocumentKind | null {
  if (sopClass === PDF) return 'pdf';
  if (ECG.test(sopClass)) return 'ecg';
  return SR.test(sopClass) && sopClass !== KEY_OBJECT ? 'sr' : null;
}

export function documentOf(json: DicomJson, seriesAddress: string): DocumentSource | null {
  const kind = kindOf(text(json, '00080016'));
  const sopInstanceUid = text(json, '00080018');
  if (!kind || !sopInstanceUid) return null;
  const named = json['0040A043']?.Value?.[0] as DicomJson | undefined;
  return {
    sopInstanceUid,
    kind,
    title: text(json, '00420010') || text(named, '00080104'),
    address: `${seriesAddress}/instances/${sopInstanceUid}`,
    json,
  };
}
