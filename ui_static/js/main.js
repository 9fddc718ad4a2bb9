// Start: live data, place, keys, first render.
import { html, render } from './dom.js';
import { Menu } from './components/menu.js';
import { Toasts } from './components/toasts.js';
import { TopBar } from './components/top_bar.js';
import { startKeys } from './keys.js';
import { startLive } from './live.js';
import { startRouter } from './router.js';
import { route } from './store.js';
import { AboutView } from './views/about.js';
import { AppView } from './views/app.js';
import { AppsView } from './views/apps.js';
import { DeploymentsView } from './views/deployments.js';
import { Dialogs } from './views/dialogs.js';

const VIEWS = { apps: AppsView, app: AppView, deployments: DeploymentsView, about: AboutView };

const TITLES = {
  apps: () => 'Applications',
  app: () => route.value.id,
  deployments: () => 'Deployments',
  about: () => 'About',
};

function Page() {
  const view = route.value.view;
  document.title = `${TITLES[view]()} · Ekiden`;
  return html`<a class="skip" href="#main" onClick=${skipToMain}>Skip to the content</a>
    <${TopBar} /><${VIEWS[view]} /><${Dialogs} /><${Menu} /><${Toasts} />`;
}

// The hash is the route, so the skip link moves the focus itself.
function skipToMain(event) {
  event.preventDefault();
  const main = document.getElementById('main');
  main.tabIndex = -1;
  main.focus();
}

startRouter();
startKeys();
startLive();
render(html`<${Page} />`, document.getElementById('page'));
