import { assert, assertEquals, assertThrows } from "@std/assert";
import * as socket from "../socket/mod.ts";
import * as ssl from "../socket/ssl.ts";
import { describe, identity } from "../socket/ssl/certificate.ts";
import { numericAddress } from "../socket/ssl/hostname.ts";
import { test } from "./cases.ts";
import { python } from "./oracle.ts";
import { testWithPython } from "./peer.ts";
import { clientContext, outcomes, path, serverContext } from "./tls.ts";

const { TLSVersion } = ssl;

type Values = Record<string, unknown>;

/** A context of a kind. */
function context(protocol = ssl.PROTOCOL_TLS_CLIENT): ssl.SSLContext {
  return new ssl.SSLContext(protocol);
}

/** Sets properties one after the other; what the last one is then. */
function set(
  target: ssl.SSLContext,
  ...values: [name: string, value: unknown][]
): unknown {
  for (const [name, value] of values) Reflect.set(target, name, value);
  return Reflect.get(target, values.at(-1)![0]);
}

const certificate = path("server.pem");
const key = path("server.key");

/** Calls, in Python and here. `C` is a context for clients. */
const CALLS: [python: string, here: () => unknown][] = [
  ["[C.check_hostname, C.verify_mode]", () => {
    const { check_hostname, verify_mode } = context();
    return [check_hostname, verify_mode];
  }],
  ["[S.check_hostname, S.verify_mode]", () => {
    const { check_hostname, verify_mode } = context(ssl.PROTOCOL_TLS_SERVER);
    return [check_hostname, verify_mode];
  }],
  ["set(S, check_hostname=True) and S.verify_mode", () => {
    const server = context(ssl.PROTOCOL_TLS_SERVER);
    server.check_hostname = true;
    return server.verify_mode;
  }],
  ["set(C, verify_mode=0)", () => set(context(), ["verify_mode", 0])],
  ["set(C, verify_mode=5)", () => set(context(), ["verify_mode", 5])],
  [
    "set(C, check_hostname=False, verify_mode=0)",
    () => set(context(), ["check_hostname", false], ["verify_mode", 0]),
  ],
  ["ssl.SSLContext(99)", () => context(99)],
  ["[C.minimum_version, C.maximum_version]", () => {
    const { minimum_version, maximum_version } = context();
    return [minimum_version, maximum_version];
  }],
  [
    "set(C, minimum_version=99)",
    () => set(context(), ["minimum_version", 99]),
  ],
  ...[TLSVersion.SSLv3, TLSVersion.TLSv1_3, -1, -2].flatMap((version) =>
    ["minimum_version", "maximum_version"].map((
      name,
    ): [string, () => unknown] => [
      `set(C, ${name}=${version})`,
      () => set(context(), [name, version]),
    ])
  ),
  [
    "set(ssl.SSLContext(ssl.PROTOCOL_TLSv1_2), minimum_version=771)",
    () => set(context(ssl.PROTOCOL_TLSv1_2), ["minimum_version", 771]),
  ],
  ["C.options", () => context().options],
  ["C.verify_flags", () => context().verify_flags],
  ["C.session_stats()", () => context().session_stats()],
  ["C.cert_store_stats()", () => context().cert_store_stats()],
  [
    "C.load_cert_chain('/none/such')",
    () => context().load_cert_chain("/none/such"),
  ],
  [`C.load_cert_chain('${key}')`, () => context().load_cert_chain(key)],
  [
    `C.load_cert_chain('${certificate}')`,
    () => context().load_cert_chain(certificate),
  ],
  [
    `C.load_cert_chain('${path("both.pem")}')`,
    () => context().load_cert_chain(path("both.pem")),
  ],
  [
    `C.load_cert_chain('${certificate}', '${path("client.key")}')`,
    () => context().load_cert_chain(certificate, path("client.key")),
  ],
  ...["secret", "wrong"].map((password): [string, () => unknown] => [
    `C.load_cert_chain('${certificate}', '${
      path("locked.key")
    }', '${password}')`,
    () => context().load_cert_chain(certificate, path("locked.key"), password),
  ]),
  [
    `C.load_cert_chain('${certificate}', '${
      path("locked.key")
    }', lambda: 'secret')`,
    () =>
      context().load_cert_chain(
        certificate,
        path("locked.key"),
        () => "secret",
      ),
  ],
  ["C.load_verify_locations()", () => context().load_verify_locations()],
  [
    "C.load_verify_locations('/none/such')",
    () => context().load_verify_locations("/none/such"),
  ],
  [
    `C.load_verify_locations('${key}')`,
    () => context().load_verify_locations(key),
  ],
  [
    "C.load_verify_locations(cadata='')",
    () => context().load_verify_locations(null, null, ""),
  ],
  [
    "C.load_verify_locations(cadata='x')",
    () => context().load_verify_locations(null, null, "x"),
  ],
  [
    "C.load_verify_locations(cadata=b'x')",
    () => context().load_verify_locations(null, null, Uint8Array.of(120)),
  ],
  [
    `C.load_verify_locations('${path("ca.pem")}') or C.cert_store_stats()`,
    () => {
      const client = context();
      client.load_verify_locations(path("ca.pem"));
      return client.cert_store_stats();
    },
  ],
  [`C.load_verify_locations('${path("ca.pem")}') or C.get_ca_certs()`, () => {
    const client = context();
    client.load_verify_locations(path("ca.pem"));
    return client.get_ca_certs();
  }],
  ["C.set_ciphers('none')", () => context().set_ciphers("none")],
  ["C.set_alpn_protocols([''])", () => context().set_alpn_protocols([""])],
  [
    "C.set_alpn_protocols(['x' * 256])",
    () => context().set_alpn_protocols(["x".repeat(256)]),
  ],
  [
    "ssl.cert_time_to_seconds('Jan  5 09:34:43 2018 GMT')",
    () => ssl.cert_time_to_seconds("Jan  5 09:34:43 2018 GMT"),
  ],
  [
    "ssl.cert_time_to_seconds('yesterday')",
    () => ssl.cert_time_to_seconds("yesterday"),
  ],
  ["ssl.get_protocol_name(16)", () => ssl.get_protocol_name(16)],
  ["ssl.get_protocol_name(99)", () => ssl.get_protocol_name(99)],
  ["ssl.RAND_bytes(-1)", () => ssl.RAND_bytes(-1)],
  [
    "ssl.DER_cert_to_PEM_cert(b'abc' * 40)",
    () => ssl.DER_cert_to_PEM_cert(new TextEncoder().encode("abc".repeat(40))),
  ],
  ["ssl.PEM_cert_to_DER_cert('abc')", () => ssl.PEM_cert_to_DER_cert("abc")],
];

/** The value of a call, or its error as Python names it. */
function outcome(call: () => unknown): unknown {
  try {
    return call() ?? null;
  } catch (error) {
    const { name, message } = error as Error;
    return [name.replace("RangeError", "ValueError"), message];
  }
}

testWithPython("contexts behave as in Python", async () => {
  const expected = await python<unknown[]>(
    `
import json, re, ssl, sys, warnings
warnings.simplefilter('ignore')
def set(target, **values):
    for name, value in values.items(): setattr(target, name, value)
    return getattr(target, name)
def outcome(text):
    C = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    S = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        return eval(text, {**globals(), 'C': C, 'S': S})
    except Exception as error:
        message = error.args[0] if len(error.args) == 1 else str(error)
        return [type(error).__name__, re.sub(r' \\(_ssl\\.c:\\d+\\)', '', message)]
print(json.dumps([outcome(text) for text in json.load(sys.stdin)]))`,
    CALLS.map(([text]) => text),
  );
  for (const [index, [text, call]] of CALLS.entries()) {
    assertEquals(outcome(call), expected[index], text);
  }
});

testWithPython("the numbers are Python's", async () => {
  const numbers = await python<Values>(`
import json, ssl, warnings
warnings.simplefilter('ignore')
print(json.dumps({name: int(getattr(ssl, name)) for name in dir(ssl)
                  if name.startswith(('PROTOCOL_', 'CERT_', 'OP_', 'VERIFY_',
                                      'SSL_ERROR_', 'ALERT_DESCRIPTION_'))}))`);
  const mine = Object.fromEntries(
    Object.entries(ssl).filter(([name]) => Object.hasOwn(numbers, name)),
  );
  assertEquals(mine as Values, numbers);
});

testWithPython("ciphers are described as in Python", async () => {
  const ciphers = await python<{ name: string }[]>(`
import json, ssl
print(json.dumps(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).get_ciphers()))`);
  for (const cipher of context().get_ciphers()) {
    const same = ciphers.find(({ name }) => name === cipher.name);
    assertEquals(cipher as unknown, same);
  }
});

test("lists of ciphers choose in OpenSSL's way", () => {
  const chosen = (list: string) => {
    const client = context();
    client.set_ciphers(list);
    return client.get_ciphers().map(({ name }) => name)
      .filter((name) => !name.startsWith("TLS_"));
  };
  assertEquals(chosen("ECDHE-RSA-AES128-GCM-SHA256"), [
    "ECDHE-RSA-AES128-GCM-SHA256",
  ]);
  assertEquals(chosen("ECDHE+AES256:!aRSA"), ["ECDHE-ECDSA-AES256-GCM-SHA384"]);
  assertEquals(chosen("DEFAULT:@SECLEVEL=2:-AES"), [
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
  ]);
  assertEquals(chosen("ALL:+ECDSA").slice(-1), [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
  ]);
});

testWithPython("certificates are read as Python reads them", async () => {
  const files = ["ca", "server", "client", "expired", "selfsigned", "forged"]
    .map((name) => path(`${name}.pem`));
  const expected = await python<unknown[]>(
    `
import _ssl, json, sys
print(json.dumps([_ssl._test_decode_cert(file) for file in json.load(sys.stdin)]))`,
    files,
  );
  const described = files.map((file) =>
    describe(ssl.PEM_cert_to_DER_cert(Deno.readTextFileSync(file)))
  );
  assertEquals(described as unknown[], expected);
});

test("a certificate that only bears the name of an authority is refused", async () => {
  const [error] = await outcomes(
    await socket.socketpair(),
    clientContext(),
    serverContext("forged", "server"),
  );
  assert(error instanceof ssl.SSLCertVerificationError);
});

test("what was cut off is no certificate", () => {
  const der = ssl.PEM_cert_to_DER_cert(Deno.readTextFileSync(certificate));
  for (const length of [0, 1, 3, 50, der.length - 1]) {
    assertThrows(() => identity(der.slice(0, length)), RangeError);
  }
});

test("addresses are compared in their shortest form", () => {
  assertEquals(numericAddress("::0:1"), "::1");
  assertEquals(numericAddress("127.0.0.1"), "127.0.0.1");
  assertEquals(numericAddress("localhost"), null);
});

test("without a version in common there is no handshake", async () => {
  const client = clientContext();
  client.options |= ssl.OP_NO_TLSv1_3;
  client.minimum_version = TLSVersion.TLSv1_3;
  const [error] = await outcomes(
    await socket.socketpair(),
    client,
    serverContext(),
  );
  assertEquals(
    error!.message,
    "[SSL: NO_PROTOCOLS_AVAILABLE] no protocols available",
  );
  const older = clientContext();
  older.maximum_version = TLSVersion.TLSv1_2;
  const newer = serverContext();
  newer.minimum_version = TLSVersion.TLSv1_3;
  const [ours, theirs] = await outcomes(
    await socket.socketpair(),
    older,
    newer,
  );
  assertEquals((ours as ssl.SSLError).reason, "TLSV1_ALERT_PROTOCOL_VERSION");
  assertEquals((theirs as ssl.SSLError).reason, "UNSUPPORTED_PROTOCOL");
});

test("MicroPython's wrap_socket() takes contents, not paths", async () => {
  const [a, b] = await socket.socketpair();
  const [client, server] = await Promise.all([
    ssl.wrap_socket(a, {
      server_hostname: "localhost",
      cert_reqs: ssl.CERT_REQUIRED,
      cadata: Deno.readTextFileSync(path("ca.pem")),
    }),
    ssl.wrap_socket(b, {
      server_side: true,
      key: Deno.readTextFileSync(key),
      cert: Deno.readFileSync(certificate),
    }),
  ]);
  await client.write("line\n");
  assertEquals((await server.readline())!.length, 5);
  client.close();
  server.close();
});

test("Python's former wrap_socket() takes paths", async () => {
  const [a, b] = await socket.socketpair();
  const [client, server] = await Promise.all([
    ssl.wrap_socket(a, {
      cert_reqs: ssl.CERT_REQUIRED,
      ca_certs: path("ca.pem"),
    }),
    ssl.wrap_socket(b, {
      server_side: true,
      keyfile: key,
      certfile: certificate,
    }),
  ]);
  assert(client.getpeercert()!.subject);
  client.close();
  server.close();
});
