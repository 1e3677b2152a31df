/**
 * The page's script: a filter by name, and all files open or closed. The page says everything without it.
 * It is here and not in a file of its own so that the page can name its hash, and nothing else on it can run.
 */
export const PAGE_SCRIPT = `
const files = [...document.querySelectorAll('details.file')];
const tools = document.querySelector('#tools');
const name = document.querySelector('#name');
tools.hidden = false;
name.addEventListener('input', () => {
  const wanted = name.value.trim().toLowerCase();
  for (const file of files) file.hidden = !file.dataset.file.toLowerCase().includes(wanted);
});
document.querySelector('#open').addEventListener('click', () => files.forEach((file) => (file.open = true)));
document.querySelector('#close').addEventListener('click', () => files.forEach((file) => (file.open = false)));
`;
