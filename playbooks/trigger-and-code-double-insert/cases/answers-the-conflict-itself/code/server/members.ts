import { createClient } from "@supabase/supabase-js";

const admin = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_SERVICE_KEY!);

export async function create(req, res) {
  const { fullName, currency } = req.body;
  const { data: member, error } = await admin.from("members").insert({ full_name: fullName }).select().single();
  if (error) return res.status(500).json({ error: error.message });

  const { error: walletError } = await admin.from("wallets").insert({ member_id: member.id, currency });
  if (walletError) {
    return res.status(walletError.code === "23505" ? 409 : 500).json({ error: walletError.message });
  }
  res.status(201).json(member);
}
