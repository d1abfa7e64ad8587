import { randomUUID } from 'node:crypto';
import { adminSupabase } from './clients';

export interface NewStudent {
  email: string;
  fullName: string;
}

export async function createStudent(student: NewStudent) {
  const userId = randomUUID();

  const { error: userError } = await adminSupabase.from('tripwire_users').insert({
    user_id: userId,
    email: student.email,
    full_name: student.fullName,
  });
  if (userError) throw new Error(`tripwire_users: ${userError.message}`);

  const { error: unlockError } = await adminSupabase.from('module_unlocks').insert({
    user_id: userId,
    module_id: 16,
    unlocked_at: new Date().toISOString(),
  });
  if (unlockError) throw new Error(`module_unlocks: ${unlockError.message}`);

  return userId;
}
