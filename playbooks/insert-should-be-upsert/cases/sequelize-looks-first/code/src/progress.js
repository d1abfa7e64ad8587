const { LessonProgress } = require('./models');

async function start(learnerId, lessonId) {
  const existing = await LessonProgress.findOne({ where: { learnerId, lessonId } });
  if (!existing) {
    await LessonProgress.create({ learnerId, lessonId });
  }
}

module.exports = { start };
