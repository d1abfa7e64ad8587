"""Database calls in Dart code: supabase-flutter."""
