/* The npm package dicomweb-client under Node: stores what is in a folder, finds and retrieves it, and leaves what it got.

   node npm_dicomweb_client.mjs PACKAGE_JSON ROOT FOLDER   (token in DOKUEI_TOKEN) */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [packageJson, root, folder] = process.argv.slice(2);
const require = createRequire(packageJson);
const { api } = require('dicomweb-client');
const { Window } = await import(pathToFileURL(require.resolve('happy-dom')).href);

/* The package is made for browsers; the page it believes to be on is the server's own. */
const page = new Window({ url: root });
globalThis.XMLHttpRequest = page.XMLHttpRequest;

const client = new api.DICOMwebClient({
  url: root,
  headers: { Authorization: `Bearer ${process.env.DOKUEI_TOKEN}` },
});
const names = (await readdir(folder)).filter((name) => name.endsWith('.dcm')).sort();
const datasets = await Promise.all(
  names.map(async (name) => {
    const { buffer, byteOffset, byteLength } = await readFile(join(folder, name));
    return buffer.slice(byteOffset, byteOffset + byteLength);
  }),
);
const value = (ds, tag) => ds[tag]?.Value?.[0];

const stored = await client.storeInstances({ datasets });
const referenced = JSON.parse(stored)['00081199'].Value;
const [studyInstanceUID] = names[0].split('_');
const studies = await client.searchForStudies({ queryParams: { StudyInstanceUID: studyInstanceUID } });
const metadata = await client.retrieveStudyMetadata({ studyInstanceUID });

const got = join(folder, 'got');
await mkdir(got);
for (const ds of metadata) {
  const ids = {
    studyInstanceUID,
    seriesInstanceUID: value(ds, '0020000E'),
    sopInstanceUID: value(ds, '00080018'),
  };
  const instance = await client.retrieveInstance(ids);
  await writeFile(join(got, `${ids.sopInstanceUID}.dcm`), new Uint8Array(instance));
  const [frame] = await client.retrieveInstanceFrames({ ...ids, frameNumbers: [1] });
  await writeFile(join(got, `${ids.sopInstanceUID}.frame`), new Uint8Array(frame));
}
console.log(
  JSON.stringify({
    stored: referenced.map((item) => value(item, '00081155')),
    studies: studies.map((ds) => [
      value(ds, '0020000D'),
      value(ds, '00201208'),
      value(ds, '00100010').Ideographic,
    ]),
    metadata: metadata.map((ds) => value(ds, '00080018')),
  }),
);
await page.happyDOM.close();
