import * as core from '@actions/core';

/** What must not be seen in log, annotations, outputs and summary. */
export interface Secrets {
  /** Hides a value from now on, in the forms in which URLs and headers carry it too; also from what others log. */
  hide(secret: string): void;
  /** The text with `***` where a secret stood. */
  redact(text: string): string;
}

/** The secrets of this process: from the start the passwords in the URLs of its environment. */
export function openSecrets(): Secrets {
  const hidden = new Set<string>();
  const secrets: Secrets = {
    hide(secret) {
      for (const form of formsOf(secret)) {
        hidden.add(form);
        core.setSecret(form);
      }
    },
    redact: (text) =>
      // The longest first: one may be part of another.
      [...hidden].sort((a, b) => b.length - a.length).reduce((clean, secret) => clean.replaceAll(secret, '***'), text),
  };
  for (const url of Object.values(process.env)) secrets.hide(passwordIn(url ?? ''));
  return secrets;
}

/** As it stands, line by line, in a URL, in a header, in JSON; anything shorter than 4 would hide half of the log. */
function formsOf(secret: string): string[] {
  const forms = [
    secret,
    ...secret.split(/\r?\n/),
    encodeURIComponent(secret),
    decoded(secret),
    Buffer.from(secret).toString('base64'),
    JSON.stringify(secret).slice(1, -1),
  ];
  return [...new Set(forms)].filter((form) => form.trim().length >= 4);
}

/** A password in a URL of the environment is encoded; a database driver says it decoded. */
function decoded(secret: string): string {
  try {
    return decodeURIComponent(secret);
  } catch {
    return secret;
  }
}

function passwordIn(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/@:]*:([^@]+)@/i.exec(text)?.[1] ?? '';
}
