/**
 * A shop over HTTP: `GET /?colour=red&nonce=…` answers with the cheapest red thing, signed by the shop. The program builds its catalogue,
 * asks itself often enough that what is hot is compiled, and waits for mail. Forked while it waits, every child is the shop that its own
 * mail names, with its own secret.
 */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, get } from "node:http";
import { text } from "node:stream/consumers";
import { armMailbox } from "./ramet-mailbox.mjs";

const port = 8080;
const colours = ["red", "orange", "yellow", "green", "blue", "indigo", "violet"];
const noShop = { name: null, secret: "" };

const size = Number(process.argv[2]);
const catalogue = makeCatalogue();
let shop = noShop;
const server = createServer((request, response) => {
  const query = new URL(request.url, "http://localhost").searchParams;
  const signature = createHmac("sha256", shop.secret)
    .update(query.get("nonce") ?? "")
    .digest("hex");
  response.writeHead(shop === noShop ? 503 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify({ shop: shop.name, cheapest: findCheapest(query.get("colour")), signature }));
});
await once(server.listen(port), "listening");
for (let asked = 0; asked < size / 1000; asked++) await ask(colours[asked % colours.length]);

const mailbox = armMailbox("shop");
console.log(`warm: ${size} things, and ${Math.ceil(size / 1000)} requests were answered`);
for (;;) {
  const mail = await mailbox.wait();
  shop = mail.json();
  await mail.acknowledge();
}

/** Lists of things by colour. */
function makeCatalogue() {
  const lists = new Map(colours.map((colour) => [colour, []]));
  for (let number = 0; number < size; number++)
    lists
      .get(colours[number % colours.length])
      .push({ name: `lamp ${number}`, cents: 100 + ((number * 7919) % 100_003) });
  return lists;
}

function findCheapest(colour) {
  const things = catalogue.get(colour) ?? [];
  return things.reduce((best, thing) => (best === null || thing.cents < best.cents ? thing : best), null);
}

async function ask(colour) {
  const [response] = await once(get({ port, path: `/?colour=${colour}` }), "response");
  await text(response);
}
