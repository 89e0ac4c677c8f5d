/** The beginning of everything: what the address will need is asked for before the screen, which is larger, is here. */
import './app/early';

import('./app/screen').catch(() => {
  const place = document.getElementById('root');
  if (place)
    place.textContent = '画面を読み込めませんでした。ネットワークを確認して、再読み込みしてください。';
});
