const { db } = require('./db');

async function start(learnerId, lessonId) {
  const existing = await db('lesson_progress').where({ learner_id: learnerId, lesson_id: lessonId }).first();
  if (!existing) {
    await db('lesson_progress')
      .insert({ learner_id: learnerId, lesson_id: lessonId })
      .onConflict(['learner_id', 'lesson_id'])
      .ignore();
  }
}

async function finish(learnerId, lessonId) {
  await db.transaction(async (trx) => {
    await trx('lesson_progress')
      .insert({ learner_id: learnerId, lesson_id: lessonId, done: true })
      .onConflict(['lesson_id', 'learner_id'])
      .merge(['done']);
  });
}

module.exports = { start, finish };
