// The actions on one app, shared by the row menu and the buttons of the app page.
import { resetDelay, restart } from '../actions.js';
import { openDialog } from '../store.js';

export function appMenu(app, status) {
  const { id } = app;
  const items = [
    { text: 'Scale…', icon: 'scale', run: () => openDialog('scale', { id }) },
    { text: 'Restart…', icon: 'restart', run: () => askRestart(app) },
    app.instances === 0
      ? { text: 'Resume…', icon: 'play', run: () => openDialog('resume', { id }) }
      : { text: 'Suspend…', icon: 'pause', run: () => openDialog('suspend', { id }) },
    { text: 'Edit…', icon: 'edit', run: () => openDialog('editor', { mode: 'edit', id }) },
    { text: 'Destroy…', icon: 'destroy', isDanger: true, run: () => openDialog('destroy', { id }) },
  ];
  if (status === 'delayed') {
    items.unshift({ text: 'Try again now', icon: 'undo', run: () => resetDelay(id) });
  }
  return items;
}

function askRestart(app) {
  const strategy = app.upgradeStrategy?.minimumHealthCapacity ?? 1;
  const keep = Math.ceil(app.instances * strategy);
  openDialog('confirm', {
    title: `Restart ${app.id}`,
    text: `All ${app.instances} instances are replaced by new ones. At least ${keep} stay in service meanwhile.`,
    action: 'Restart',
    run: () => restart(app.id),
  });
}
