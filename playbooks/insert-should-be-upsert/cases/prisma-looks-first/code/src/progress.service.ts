import { Injectable } from '@nestjs/common';
import { PrismaService } from './prisma.service';

@Injectable()
export class ProgressService {
  constructor(private readonly prisma: PrismaService) {}

  async start(learnerId: string, lessonId: number) {
    let progress = await this.prisma.lessonProgress.findUnique({
      where: { learnerId_lessonId: { learnerId, lessonId } },
    });
    if (!progress) {
      progress = await this.prisma.lessonProgress.create({
        data: { lessonId, learner: { connect: { id: learnerId } } },
      });
    }
    return progress;
  }
}
