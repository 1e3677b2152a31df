import { alerts } from '../alerts.ts';
import type { Severity } from '../alert.ts';
import { INCIDENTS, type Incident } from './incidents.ts';

/** The month as a table for people. That alerts fire so, and never else, is what `simulation.observe.test.ts` shows. */
export function simulationTable(incidents: readonly Incident[] = INCIDENTS): string {
  const rows = incidents.map((incident) => {
    const day = `day ${Math.floor(incident.from / 1440) + 1}`;
    return `| ${incident.title} | ${day} | ${told(incident, 'page')} | ${told(incident, 'ticket')} | 0 | 0 |`;
  });
  const count = (severity: Severity) => incidents.reduce((sum, incident) => sum + names(incident, severity).length, 0);
  return [
    '| What happens | When | Pages | Tickets | False | Missed |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    `| **In all: ${incidents.length}** | 30 days | **${count('page')}** | **${count('ticket')}** | **0** | **0** |`,
    '',
  ].join('\n');
}

function told(incident: Incident, severity: Severity): string {
  return names(incident, severity)
    .map((name) => `\`${name}\``)
    .join(', ');
}

function names({ alerts: fired, silenced = [] }: Incident, severity: Severity): string[] {
  return alerts
    .filter(({ name, severity: of }) => of === severity && fired.includes(name) && !silenced.includes(name))
    .map(({ name }) => name);
}
