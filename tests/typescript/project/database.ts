export type Goal = {
  id: string;
  user_id: string;
  slug: string;
  title: string | null;
  active: boolean;
};

export type Database = {
  public: {
    Tables: {
      t: {
        Row: Goal;
        Insert: { id?: string; user_id: string; slug: string; title?: string | null; active?: boolean };
        Update: { id?: string; user_id?: string; slug?: string; title?: string | null; active?: boolean };
        Relationships: [];
      };
    };
    Views: { [_ in never]: never };
    Functions: { [_ in never]: never };
    Enums: { [_ in never]: never };
    CompositeTypes: { [_ in never]: never };
  };
};

export type NewGoal = Database['public']['Tables']['t']['Insert'];
