import { useEffect, useState } from 'react';
import { supabase } from '../lib/supabase';

interface Props {
  userId: string;
  lessonId: number;
}

export function CourseViewer({ userId, lessonId }: Props) {
  const [ready, setReady] = useState(false);

  useEffect(() => {
    async function startLesson() {
      const { data: existingProgress } = await supabase
        .from('lesson_progress')
        .select('id')
        .eq('user_id', userId)
        .eq('lesson_id', lessonId)
        .single();

      if (!existingProgress) {
        const { error } = await supabase.from('lesson_progress').insert({
          user_id: userId,
          lesson_id: lessonId,
          is_completed: false,
          started_at: new Date().toISOString(),
        });
        if (error) console.error('Could not start the lesson', error);
      }
      setReady(true);
    }
    startLesson();
  }, [userId, lessonId]);

  return ready ? <article data-lesson={lessonId} /> : <p>Loading</p>;
}
