const table = document.querySelector('table.batch'), form = document.querySelector('form.wanted');
const body = table.tBodies[0], rows = [...body.rows];
const leave = () => {
  const { outcome, rule, least } = form.elements;
  let left = 0;
  for (const row of rows) {
    const { outcome: ended, rules, amount } = row.dataset;
    row.hidden = (outcome.value && outcome.value !== ended) || (rule.value && !rules.split(' ').includes(rule.value))
      || Number(amount) < Number(least.value);
    left += !row.hidden;
  }
  form.querySelector('output').value = left;
};
form.addEventListener('input', leave);
form.addEventListener('submit', event => event.preventDefault());
[...table.tHead.rows[0].cells].forEach((head, column) => {
  const button = document.createElement('button');
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener('click', () => {
    const up = head.getAttribute('aria-sort') !== 'ascending';
    for (const other of head.parentNode.cells) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const key = row => row.cells[column].dataset.sort ?? row.cells[column].textContent;
    const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
    rows.sort((a, b) => (up ? 1 : -1) * order.compare(key(a), key(b)));
    body.append(...rows);
  });
});
