import { admin } from './admin';
import { askBacks } from './askbacks';
import { alarms, common, line, patient, problems, time, urgency } from './common';
import { connections } from './connections';
import { delivery } from './delivery';
import { fhir } from './fhir';
import { figures } from './figures';
import { fusion } from './fusion';
import { hanging } from './hanging';
import { hl7 } from './hl7';
import { intake } from './intake';
import { launch, viewers } from './launch';
import { papers } from './papers';
import { patients } from './patients';
import { pictures } from './pictures';
import { planes } from './planes';
import { priors } from './priors';
import { reading } from './reading';
import { reconciliation } from './reconciliation';
import { request } from './request';
import { resolution } from './resolution';
import { nav, roles, session } from './session';
import { viewer } from './viewer';
import { presence, windows } from './windows';
import { worklist } from './worklist';

export const ja = {
  common,
  time,
  patient,
  urgency,
  problems,
  line,
  alarms,
  session,
  roles,
  nav,
  worklist,
  reading,
  viewer,
  planes,
  priors,
  pictures,
  figures,
  fusion,
  hanging,
  intake,
  request,
  askBacks,
  connections,
  fhir,
  hl7,
  reconciliation,
  patients,
  resolution,
  papers,
  delivery,
  admin,
  presence,
  windows,
  launch,
  viewers,
};

/** Every text of the application. The second language must have the same shape. */
export type Words = typeof ja;
