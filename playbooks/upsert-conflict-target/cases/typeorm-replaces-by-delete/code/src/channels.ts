import { Repository } from 'typeorm';
import { Channel } from './channel';

export class Channels {
  constructor(private readonly channels: Repository<Channel>) {}

  async save(accountId: number, rows: { kind: string; address: string }[]) {
    await this.channels.delete({ accountId });
    await this.channels.insert(rows.map((r) => ({ accountId, kind: r.kind, address: r.address })));
  }
}
