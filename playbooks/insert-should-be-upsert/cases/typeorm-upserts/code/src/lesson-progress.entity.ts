import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

@Entity({ name: 'lesson_progress' })
@Unique('lesson_progress_once', ['learnerId', 'lessonId'])
export class LessonProgress {
  @PrimaryGeneratedColumn({ type: 'bigint' })
  id: string;

  @Column('uuid', { name: 'learner_id' })
  learnerId: string;

  @Column({ name: 'lesson_id' })
  lessonId: number;

  @Column({ default: false })
  done: boolean;
}
