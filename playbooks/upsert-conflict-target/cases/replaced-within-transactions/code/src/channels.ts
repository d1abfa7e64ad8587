import { DataSource } from 'typeorm';
import { DataTypes, Sequelize } from 'sequelize';
import { Channel } from './channel';

const sequelize = new Sequelize('postgres://');
const Row = sequelize.define(
  'Row',
  { accountId: { type: DataTypes.INTEGER, field: 'account_id' }, kind: DataTypes.TEXT, address: DataTypes.TEXT },
  { tableName: 'channels', timestamps: false },
);

export class Channels {
  constructor(private readonly source: DataSource) {}

  async save(accountId: number, kind: string, address: string) {
    await this.source.transaction(async (manager) => {
      await manager.delete(Channel, { accountId, kind });
      await manager.insert(Channel, { accountId, kind, address });
    });
  }
}

export async function save(accountId: number, kind: string, address: string) {
  await sequelize.transaction(async (t) => {
    await Row.destroy({ where: { accountId, kind }, transaction: t });
    await Row.create({ accountId, kind, address }, { transaction: t });
  });
}
