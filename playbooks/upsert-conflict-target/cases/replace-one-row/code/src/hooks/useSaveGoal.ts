import { useMutation } from '@tanstack/react-query'
import { supabase } from '@/lib/supabase'

export const useSaveGoal = () =>
  useMutation({
    mutationFn: async ({ userId, week, goal }: { userId: string; week: string; goal: string }) => {
      await supabase.from('weekly_goals').delete().match({ user_id: userId, week })
      const { data, error } = await supabase
        .from('weekly_goals')
        .insert([{ user_id: userId, week, goal }])
        .select()
      if (error) throw error
      return data
    },
  })
