import { Type, type Static } from "typebox";
import { networkModes } from "../../domain/networks/instance-network.ts";
import { unservedNetworkFields } from "./unserved.ts";

const portNumber = { minimum: 1, maximum: 65535, "x-expected": "an integer from 1 to 65535" } as const;
const protocols = ["tcp", "udp"] as const;

const aboutModes =
  "`user`: the hypervisor's own NAT, with the same inner address in every instance. `bridge`: an address of its own on this server's bridge; needs a server with the right to make one.";

/** What a caller asks for. */
export const NetworkWish = Type.Object(
  {
    enabled: Type.Optional(
      Type.Boolean({
        default: true,
        description: "`false`: the machine has no network card at all, and an ack cannot be waited for.",
        "x-expected": "true or false",
      }),
    ),
    mode: Type.Optional(
      Type.Enum(["user", "bridge"], {
        type: "string",
        default: "user",
        description: aboutModes,
        "x-expected": "user or bridge",
      }),
    ),
    ports: Type.Optional(
      Type.Array(
        Type.Object(
          {
            host_port: Type.Optional(
              Type.Integer({
                ...portNumber,
                description: "The port on 127.0.0.1 of the server's host; one that is free when left out.",
              }),
            ),
            guest_port: Type.Integer({ ...portNumber, description: "The port in the guest that it leads to." }),
            protocol: Type.Optional(
              Type.Enum([...protocols], {
                type: "string",
                default: "tcp",
                description: "`tcp` or `udp`.",
                "x-expected": "tcp or udp",
              }),
            ),
          },
          { additionalProperties: false, "x-expected": "a JSON object with guest_port" },
        ),
        {
          maxItems: 64,
          description:
            "Of mode `user`: ports of the host that are forwarded to the guest. Children get host ports of their own.",
          "x-expected": "an array of at most 64 ports",
        },
      ),
    ),
    ...unservedNetworkFields,
  },
  {
    additionalProperties: false,
    description: "Its network; user mode without ports when left out. Children are in the same mode.",
    "x-expected": "a JSON object",
  },
);
export type NetworkWish = Static<typeof NetworkWish>;

/** What an instance has. */
export const NetworkProperties = Type.Object(
  {
    enabled: Type.Boolean({ description: "Whether it has a network card." }),
    name: Type.Optional(Type.String({ description: "`default` when it is enabled; else left out." })),
    mode: Type.Enum([...networkModes], { type: "string", description: `${aboutModes} \`none\`: no network card.` }),
    mac: Type.Union([Type.String(), Type.Null()], {
      description: "The guest's hardware address; null without network.",
    }),
    ip: Type.Union([Type.String(), Type.Null()], {
      description: "The guest's IPv4 address: its own on the bridge, or the one behind the NAT; null without network.",
    }),
    ports: Type.Array(
      Type.Object(
        {
          host_port: Type.Integer({ description: "On 127.0.0.1 of the server's host." }),
          guest_port: Type.Integer({ description: "In the guest." }),
          protocol: Type.Enum([...protocols], { type: "string", description: "`tcp` or `udp`." }),
        },
        { additionalProperties: false },
      ),
      {
        description:
          "What is forwarded while it has a machine. A host port that was not asked for may change at a start.",
      },
    ),
  },
  { additionalProperties: false },
);
