const { UniqueConstraintError } = require('sequelize');
const { LessonProgress } = require('./models');

async function start(learnerId, lessonId) {
  const [row] = await LessonProgress.findOrCreate({ where: { learnerId, lessonId }, defaults: { done: false } });
  return row;
}

async function startOnce(learnerId, lessonId) {
  const existing = await LessonProgress.findOne({ where: { learnerId, lessonId } });
  if (existing) return existing;
  try {
    return await LessonProgress.create({ learnerId, lessonId });
  } catch (error) {
    if (error instanceof UniqueConstraintError) return null;
    throw error;
  }
}

module.exports = { start, startOnce };
