import 'package:supabase_flutter/supabase_flutter.dart';

Future<void> ensureTag(SupabaseClient client, String name) async {
  final existing = await client.from('tags').select('id').eq('name', name).maybeSingle();
  if (existing != null) return;
  try {
    await client.from('tags').insert({'name': name});
  } on PostgrestException catch (error) {
    if (error.code != '23505') rethrow;
  }
}
