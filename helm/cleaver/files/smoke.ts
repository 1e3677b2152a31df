/** What `helm test` runs, in the pod's own image: readiness, then one prediction of each model, by the way that callers take. */
const { SERVICE_URL = '', API_KEY, ASKS_FOR_KEYS, PATIENCE_MS = '60000' } = process.env;

interface Answer {
  status: number | undefined;
  body: {
    models?: { model: string; version?: string }[];
    inputs?: { name: string; datatype: string; shape: number[] }[];
    outputs?: { data: number[] }[];
    model_version?: string;
  };
}

const { body: readiness } = await untilReady();
for (const { model } of readiness.models ?? []) await predict(model);

/** After an install the name in DNS and the way to the pods may take a moment. */
async function untilReady(): Promise<Answer> {
  const end = Date.now() + Number(PATIENCE_MS);
  let answer = await ask('/readyz');
  while (answer.status !== 200 && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    answer = await ask('/readyz');
  }
  hold(answer.status === 200, '/readyz', answer);
  return answer;
}

async function predict(model: string): Promise<void> {
  const address = `/v2/models/${encodeURIComponent(model)}`;
  const description = await ask(address);
  if (ASKS_FOR_KEYS === 'yes' && API_KEY === undefined) {
    hold(description.status === 401, `${address} (which must not answer without a key)`, description);
    console.log(`${model}: nobody gets in without a key.`);
    return;
  }
  const input = description.body.inputs?.[0];
  hold(description.status === 200 && input !== undefined, address, description);
  const { name = '', datatype = '', shape = [] } = input ?? {};
  const columns = shape[1] ?? 0;
  const row = { name, datatype, shape: [1, columns], data: new Array<number>(columns).fill(0) };
  const answer = await ask(`${address}/infer`, { inputs: [row] });
  const score = answer.body.outputs?.[0]?.data[0];
  hold(answer.status === 200 && Number.isFinite(score), `${address}/infer`, answer);
  console.log(`${model} ${answer.body.model_version ?? ''}: a row of zeros scores ${score ?? ''}.`);
}

/** The status is undefined where there is no answer; why, stands in the body. */
async function ask(address: string, request?: object): Promise<Answer> {
  try {
    const response = await fetch(`${SERVICE_URL}${address}`, {
      method: request === undefined ? 'GET' : 'POST',
      body: request === undefined ? null : JSON.stringify(request),
      headers: API_KEY === undefined ? {} : { 'x-api-key': API_KEY },
      signal: AbortSignal.timeout(5000),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  } catch (error) {
    const { message, cause } = error as Error;
    return { status: undefined, body: { error: cause instanceof Error ? cause.message : message } as Answer['body'] };
  }
}

function hold(isGood: boolean, address: string, { status, body }: Answer): void {
  if (isGood) return;
  console.error(`${SERVICE_URL}${address} answers ${status ?? 'nothing'}: ${JSON.stringify(body)}`);
  process.exit(1);
}

export {};
