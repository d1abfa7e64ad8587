import { supabase } from './client';

export const publish = (author: string, body: string) => supabase.from('posts').insert({ author, body });
