// Runs tests one after the other, says how each went, and closes with the line that .ci/run counts.

// The administrator of the first start.
const pair = `admin:${process.env.USERDEX_ADMIN_PASSWORD}`;
/** What every request of the clients signs in with. */
export const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;

/** Lets `fetch`, which the libraries use too, sign in wherever nobody says otherwise. */
export function signIn() {
  const send = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const request = new Request(input, init);
    if (!request.headers.has('Authorization')) request.headers.set('Authorization', authorization);
    return send(request);
  };
}

/** Tests of one client: `add(name, run)` collects them, `run()` runs them. */
export function suite(client) {
  const tests = [];
  return {
    add: (name, run) => tests.push({ name, run }),
    async run(...context) {
      let failed = 0;
      for (const { name, run } of tests) {
        try {
          await run(...context);
          console.log(`ok      ${client} ${name}`);
        } catch (error) {
          failed += 1;
          console.log(`FAILED  ${client} ${name}\n        ${await reason(error)}`);
        }
      }
      console.log(`${tests.length - failed} passed, ${failed} failed`);
      process.exitCode = failed === 0 ? 0 : 1;
    },
  };
}

/** o.js throws the answer itself where the service refuses. */
async function reason(error) {
  if (error instanceof Response) return `${error.status} ${await error.text()}`;
  return error.message.split('\n').slice(0, 12).join('\n        ');
}
