import { Empty } from "@/shared/Empty";

export default function Flows() {
  return <Empty title="Flows" />;
}
