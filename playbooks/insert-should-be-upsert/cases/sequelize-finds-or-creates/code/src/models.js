const { DataTypes } = require('sequelize');
const { sequelize } = require('./db');

const LessonProgress = sequelize.define(
  'LessonProgress',
  {
    id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
    learnerId: { type: DataTypes.UUID, allowNull: false },
    lessonId: { type: DataTypes.INTEGER, allowNull: false },
    done: DataTypes.BOOLEAN,
  },
  { tableName: 'lesson_progress', underscored: true, timestamps: false },
);

module.exports = { LessonProgress };
