import { Empty } from "@/shared/Empty";

export default function Settings() {
  return <Empty title="Settings" />;
}
