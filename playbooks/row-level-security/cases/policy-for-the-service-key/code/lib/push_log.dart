import 'package:supabase_flutter/supabase_flutter.dart';

class PushLog {
  PushLog(this._client);

  final SupabaseClient _client;

  Future<void> add(String title) async {
    await _client.from('push_log').insert({'owner': _client.auth.currentUser!.id, 'title': title});
  }
}
