import type { Database } from "../../store/database.ts";

/** Name and subnet of a bridge that exists, or may. */
export interface MadeBridge {
  readonly bridgeName: string;
  readonly cidr: string;
}

/** Remembers that there is a bridge to be removed, also after a crash; this concern's SQL. */
export class BridgeStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Before it is made. */
  note({ bridgeName, cidr }: MadeBridge): void {
    this.#database.prepare("insert or replace into bridge (one, name, cidr) values (1, ?, ?)").run(bridgeName, cidr);
  }

  /** After it was removed. */
  forget(): void {
    this.#database.exec("delete from bridge");
  }

  read(): MadeBridge | null {
    const row = this.#database.prepare("select name, cidr from bridge").get();
    return row === undefined ? null : { bridgeName: String(row["name"]), cidr: String(row["cidr"]) };
  }
}
