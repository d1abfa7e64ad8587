import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { LessonProgress } from './lesson-progress.entity';

@Injectable()
export class ProgressService {
  constructor(@InjectRepository(LessonProgress) private readonly progress: Repository<LessonProgress>) {}

  async start(learnerId: string, lessonId: number): Promise<void> {
    const existing = await this.progress.findOne({ where: { learnerId, lessonId } });
    if (existing) {
      return;
    }
    await this.progress.save({ learnerId, lessonId });
  }
}
