import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('channels')
export class Channel {
  @PrimaryColumn({ name: 'account_id' }) accountId!: number;
  @PrimaryColumn() kind!: string;
  @Column() address!: string;
}
