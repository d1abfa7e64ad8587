import 'package:supabase_flutter/supabase_flutter.dart';

final supabase = Supabase.instance.client;

Future<void> setPrice(String sku, String region, int cents) async {
  await supabase.from('prices').upsert({'sku': sku, 'region': region, 'cents': cents});
}
