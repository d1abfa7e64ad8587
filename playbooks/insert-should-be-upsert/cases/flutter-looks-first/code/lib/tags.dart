import 'package:supabase_flutter/supabase_flutter.dart';

class TagRepository {
  TagRepository(this._client);

  final SupabaseClient _client;

  Future<void> ensure(String name) async {
    final existing = await _client.from('tags').select('id').eq('name', name).maybeSingle();
    if (existing == null) {
      await _client.from('tags').insert({'name': name});
    }
  }
}
