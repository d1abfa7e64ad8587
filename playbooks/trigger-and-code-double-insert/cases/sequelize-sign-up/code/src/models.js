const { DataTypes, Model } = require('sequelize');

class Account extends Model {}
Account.init({ id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 }, email: DataTypes.STRING }, { sequelize, modelName: 'Account', tableName: 'accounts', timestamps: false });

class Profile extends Model {}
Profile.init({ accountId: { type: DataTypes.UUID, field: 'account_id', unique: true } }, { sequelize, modelName: 'Profile', tableName: 'profiles', timestamps: false });

module.exports = { Account, Profile };
