const { Account, Profile } = require('./models');

async function signUp(sequelize, email) {
  return sequelize.transaction(async (transaction) => {
    const account = await Account.create({ email }, { transaction });
    await Profile.create({ accountId: account.id }, { transaction });
    return account;
  });
}

module.exports = { signUp };
