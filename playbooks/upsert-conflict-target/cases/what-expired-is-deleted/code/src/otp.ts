import { admin } from './admin'
export async function issue(phone: string, code: string) {
  await admin.from('otp_codes').delete().lt('expires_at', new Date().toISOString())
  const { error } = await admin.from('otp_codes').insert({ phone, code, expires_at: new Date(Date.now() + 6e5).toISOString() })
  if (error) throw error
}
