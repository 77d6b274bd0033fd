import { assert, assertEquals } from "@std/assert";
import * as constants from "../socket/constants.ts";
import { isGnuLinux, isReference, python } from "./oracle.ts";

const prefixes = [
  ..."AF_ PF_ SOCK_ SOL_ SO_ IPPROTO_ TCP_ SHUT_ MSG_ IP_ IPV6_".split(" "),
  ..."INADDR_ IPPORT_ AI_ NI_ EAI_".split(" "),
  ..."ALG_ CAN_ J1939_ NETLINK_ PACKET_ SCM_ TIPC_ UDPLITE_".split(" "),
  ..."VMADDR_ VM_SOCKETS_ IOCTL_ SOMAXCONN has_ipv6".split(" "),
];

// A Python that was built without the Bluetooth headers lacks these.
const bluetooth = {
  AF_BLUETOOTH: 31,
  BDADDR_ANY: "00:00:00:00:00:00",
  BDADDR_LOCAL: "00:00:00:FF:FF:FF",
  BTPROTO_HCI: 1,
  BTPROTO_L2CAP: 0,
  BTPROTO_RFCOMM: 3,
  BTPROTO_SCO: 2,
  HCI_DATA_DIR: 1,
  HCI_FILTER: 2,
  HCI_TIME_STAMP: 3,
  SOL_HCI: 0,
};

const theirs = isGnuLinux
  ? await python<Record<string, number | boolean | string>>(
    "import json, socket, sys; p = tuple(json.load(sys.stdin));" +
      "print(json.dumps({n: getattr(socket, n) for n in dir(socket)" +
      " if n.startswith(p)}))",
    prefixes,
  )
  : {};

Deno.test({
  name: "the constants have the values of Python's socket module",
  ignore: !isGnuLinux,
  fn() {
    const shared = Object.entries<number | boolean | string>(constants)
      .filter(([name]) => name in theirs);
    assert(shared.length > 300);
    assertEquals(
      shared,
      shared.map(([name]) => [name, theirs[name]!]),
    );
  },
});

Deno.test({
  name: "the constants are those of Python 3.11's socket module",
  // Which there are is a matter of the version; their values are not.
  ignore: !isGnuLinux || !isReference,
  fn() {
    assertEquals({ ...constants }, { ...bluetooth, ...theirs });
  },
});
