import { Empty } from "@/shared/Empty";

export default function Conversations() {
  return <Empty title="Conversations" />;
}
