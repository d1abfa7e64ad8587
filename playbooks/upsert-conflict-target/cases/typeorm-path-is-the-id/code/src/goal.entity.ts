import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('goals')
export class Goal {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ name: 'owner_id' }) ownerId: string;
  @Column() slug: string;
  @Column() title: string;
}
